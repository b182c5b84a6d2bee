import { HeldClock } from './heldClock';

/** How far it goes on with each turn, in milliseconds. */
const STEP = 20;

/**
 * A clock that goes on by itself, some twenty times faster than the wall's: a step with each turn of Node's event
 * loop that a timer gets. A machine that is slow, or busy with something else, makes its time slower too, so what is
 * measured by it is what was waited for, not what the machine takes.
 */
export class PacedClock extends HeldClock {
	private timer: NodeJS.Timeout | undefined;

	override chance = () => Math.random();

	start(): this {
		this.timer = setInterval(() => {
			this.service.advance(STEP);
			this.wakeWhoIsDue();
		}, 1);
		return this;
	}

	override end(): void {
		super.end();
		clearInterval(this.timer);
	}
}

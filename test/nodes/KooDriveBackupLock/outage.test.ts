import { faults } from '../../simulator';
import { useKooDrive } from '../setup';

const drive = useKooDrive({ realTime: true });

test('renews all locks through an outage that ends, however many wait for a retry', async () => {
	let refusals = 400;
	drive.simulator.faultFor = () => (refusals-- > 0 ? faults.status(503) : undefined);
	const { json } = await drive.run(drive.locks(400), { options: { maxConcurrency: 400 } });
	expect(json('Next')).toHaveLength(400);
});

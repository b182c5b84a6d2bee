import type { IDataObject } from 'n8n-workflow';

import { faults } from '../simulator';
import { byId, continueOnFail, errorOf, useKooDrive } from '../setup';

const drive = useKooDrive();

const PATH = '/koodrive/ose/v1/backup/device';
const sent = () => drive.simulator.requests.map(({ method, target }) => `${method} ${target}`);
const bound = () => [...drive.simulator.devices.devices.values()];

const run = async (parameters: IDataObject, items?: IDataObject[]) =>
	await drive.runRecord({ resource: 'device', ...parameters }, items);

describe('Bind', () => {
	const bind = async (parameters: IDataObject = {}, items?: IDataObject[]) =>
		await run({ operation: 'bind', deviceName: 'n8n production-1', ...parameters }, items);

	test('binds this n8n instance and returns the device', async () => {
		const { json } = await bind();
		expect(sent()).toEqual([`GET ${PATH}`, `POST ${PATH}`]);
		expect(JSON.parse(drive.simulator.requests[1]!.body)).toEqual({
			machineCode: expect.stringMatching(/^n8n_[0-9a-f]{32}$/) as string,
			deviceName: 'n8n production-1',
			deviceOS: 'n8n',
		});
		expect(json('Next')).toEqual(bound());
		expect(bound()).toHaveLength(1);
	});

	test('returns the existing device of the same name, spaces around it aside', async () => {
		const first = await bind();
		const second = await bind({ deviceName: ` ${String(bound()[0]!.deviceName)} ` });
		expect(second.json('Next')).toEqual(first.json('Next'));
		expect(sent().filter((line) => line.startsWith('POST'))).toHaveLength(1);
	});

	test('binds another device for another name, so that workflows do not share their backups', async () => {
		const names = ['files', 'Files', 'mail'];
		for (const deviceName of names) await bind({ deviceName });
		expect(bound().map(({ deviceName }) => deviceName)).toEqual(names);
		expect(new Set(bound().map(({ machineCode }) => machineCode)).size).toBe(3);
	});

	test('fails if the Machine Code belongs to a device of another name', async () => {
		const options = { machineCode: 'file_server_1' };
		await bind({ deviceName: 'files', options });
		const executed = await bind({ deviceName: 'mail', options });
		expect(errorOf(executed).message).toContain('belongs to the device "files"');
		expect(bound()).toHaveLength(1);
	});

	test('sends the machine code and the operating system of the options', async () => {
		const { json } = await bind({ options: { machineCode: 'file_server_1', deviceOS: 'Linux 6' } });
		expect(json('Next')).toMatchObject([{ machineCode: 'file_server_1', deviceOS: 'Linux 6' }]);
	});

	test('binds items with the same machine code once', async () => {
		const { items } = await bind({}, [{}, {}, {}]);
		expect(bound()).toHaveLength(1);
		expect(sent()).toEqual([`GET ${PATH}`, `POST ${PATH}`]);
		expect(items('KooDrive').map(({ json, pairedItem }) => [json, pairedItem])).toEqual(
			[0, 1, 2].map((item) => [bound()[0], { item }]),
		);
	});

	test('binds items with different machine codes separately', async () => {
		await bind({ options: { machineCode: '={{ $json.code }}' } }, [{ code: 'a' }, { code: 'b' }]);
		expect(bound().map(({ machineCode }) => machineCode)).toEqual(['a', 'b']);
	});

	test('returns the device after a lost response, without binding it again', async () => {
		const lost = [undefined, faults.resetDuring()];
		drive.simulator.faultFor = () => lost.shift();
		const { json } = await bind();
		expect(sent()).toEqual([`GET ${PATH}`, `POST ${PATH}`, `GET ${PATH}`]);
		expect(json('Next')).toEqual(bound());
	});

	test('binds the device if it is not in the list after a lost response', async () => {
		const lost = [undefined, faults.resetBefore()];
		drive.simulator.faultFor = () => lost.shift();
		const { json } = await bind();
		expect(sent()).toEqual([`GET ${PATH}`, `POST ${PATH}`, `GET ${PATH}`, `POST ${PATH}`]);
		expect(json('Next')).toEqual(bound());
		expect(bound()).toHaveLength(1);
	});

	test('sends the request no more than twice if the outcome stays unknown', async () => {
		drive.simulator.faultFor = ({ method }) =>
			method === 'POST' ? faults.resetBefore() : undefined;
		const { message, description } = errorOf(await bind());
		expect(sent().filter((line) => line.startsWith('POST'))).toHaveLength(2);
		expect(message).toContain('The device was not bound');
		expect(description).toContain('You can safely run the node again');
	});

	test('does not bind the device again if the list cannot be read after a lost response', async () => {
		const lost = [undefined, faults.resetBefore(), faults.code(13000410, 'not allowed', 403)];
		drive.simulator.faultFor = () => lost.shift();
		expect(errorOf(await bind()).message).toContain('The device was not bound');
		expect(sent()).toEqual([`GET ${PATH}`, `POST ${PATH}`, `GET ${PATH}`]);
	});

	test('retries when KooDrive cannot have bound the device', async () => {
		const unavailable = [undefined, faults.status(503), faults.status(503)];
		drive.simulator.faultFor = () => unavailable.shift();
		expect((await bind()).json('Next')).toEqual(bound());
		expect(sent().filter((line) => line.startsWith('POST'))).toHaveLength(3);
	});

	test('binds nothing if the devices cannot be listed', async () => {
		drive.simulator.failNext(faults.code(13000410, 'not allowed', 403));
		expect(errorOf(await bind()).message).toContain('The device was not bound');
		drive.simulator.failNext(faults.body('{"code":0,"data":"none"}'));
		expect(errorOf(await bind()).message).toContain("didn't return the device");
		expect(bound()).toEqual([]);
	});

	test('looks for the device if the response does not describe it', async () => {
		const empty = [undefined, faults.change(({ code }) => ({ code }))];
		drive.simulator.faultFor = () => empty.shift();
		expect((await bind()).json('Next')).toEqual(bound());
	});

	test.each([
		[
			'a name with a period',
			{ deviceName: 'n8n.example' },
			"'Device Name' must consist of 1 to 32",
		],
		['a name of 33 characters', { deviceName: 'a'.repeat(33) }, "'Device Name' must consist of"],
		['no name', { deviceName: ' ' }, "'Device Name' is empty"],
		['a name that is a number', { deviceName: '={{ 7 }}' }, "'Device Name' must be text"],
		[
			'a machine code with a hyphen',
			{ options: { machineCode: 'n8n-1' } },
			"'Machine Code' must consist of 1 to 64",
		],
		[
			'a machine code of 65 characters',
			{ options: { machineCode: 'a'.repeat(65) } },
			"'Machine Code' must consist of",
		],
		[
			'an operating system with a hyphen',
			{ options: { deviceOS: 'Linux-6' } },
			"'Device OS' must consist of 1 to 32",
		],
	])('rejects %s before sending anything', async (_what, parameters, complaint) => {
		expect(errorOf(await bind(parameters)).message).toContain(complaint);
		expect(sent()).toEqual([]);
	});

	test('derives the machine code if the option is empty', async () => {
		await bind({ options: { machineCode: ' ' } });
		expect(bound()).toMatchObject([{ machineCode: expect.stringMatching(/^n8n_/) as string }]);
	});
});

describe('Get Many', () => {
	test('returns an item for each device', async () => {
		drive.simulator.devices.bind('one', 'file-server-1', 'Linux');
		drive.simulator.devices.bind('two', 'file-server-2', 'Linux');
		const { json } = await run({ operation: 'getAll' });
		expect(sent()).toEqual([`GET ${PATH}`]);
		expect(json('Next')).toEqual(bound());
	});

	test('returns no items if there is no device', async () => {
		expect((await run({ operation: 'getAll' })).json('Next')).toEqual([]);
		drive.simulator.failNext(faults.body('{"code":0,"msg":"success","data":null}'));
		expect((await run({ operation: 'getAll' })).json('Next')).toEqual([]);
	});

	test('returns an ID that arrives as a number as text', async () => {
		drive.simulator.failNext(faults.body('{"code":0,"data":[{"deviceId":42}]}'));
		expect((await run({ operation: 'getAll' })).json('Next')).toEqual([{ deviceId: '42' }]);
	});

	test('fails if the response is not a list', async () => {
		drive.simulator.failNext(faults.body('{"code":0,"data":{"deviceId":"1"}}'));
		const { message } = errorOf(await run({ operation: 'getAll' }));
		expect(message).toBe(
			"The list of devices was not read: KooDrive reported success, but didn't return a list of devices",
		);
	});
});

describe('Unbind', () => {
	const unbind = async (deviceId: string) => await run({ operation: 'unbind', deviceId });

	test('unbinds a device and returns it', async () => {
		const device = drive.simulator.devices.bind('one', 'file-server-1', 'Linux');
		const { json } = await unbind(device.deviceId);
		expect(sent()).toEqual([`DELETE ${PATH}/${device.deviceId}`]);
		expect(json('Next')).toEqual([device]);
		expect(bound()).toEqual([]);
	});

	test('returns the ID if KooDrive does not describe the device', async () => {
		const { deviceId } = drive.simulator.devices.bind('one', 'file-server-1', 'Linux');
		drive.simulator.failNext(faults.change(({ code }) => ({ code })));
		expect((await unbind(deviceId)).json('Next')).toEqual([{ deviceId }]);
	});

	test('succeeds if an attempt whose response was lost had unbound the device', async () => {
		const { deviceId } = drive.simulator.devices.bind('one', 'file-server-1', 'Linux');
		drive.simulator.failNext(faults.resetDuring());
		expect((await unbind(deviceId)).json('Next')).toEqual([{ deviceId }]);
		expect(sent()).toHaveLength(2);
	});

	test('fails for a device that does not exist, and names its ID', async () => {
		const { message, description } = errorOf(await unbind('77'));
		expect(message).toBe(
			'Device "77" was not unbound: KooDrive doesn\'t have this device (HTTP 400, code 13000309, "resource does not exist")',
		);
		expect(description).toContain("Check 'Device'");
	});

	test.each([' ', '.', '../record/1', '1/2'])(
		'rejects the ID %j before sending anything',
		async (deviceId) => {
			expect(errorOf(await unbind(deviceId)).message).toContain('Device');
			expect(sent()).toEqual([]);
		},
	);

	test('warns that the fate of the backups is not documented', () => {
		const fields = drive.engine.recordNode.description.properties.filter(
			({ name, displayOptions }) =>
				name === 'deviceId' && displayOptions?.show?.operation?.includes('unbind') === true,
		);
		expect(fields).toMatchObject([
			{ description: expect.stringContaining("doesn't document") as string },
		]);
	});

	test('names each device that failed with "Continue"', async () => {
		const { deviceId } = drive.simulator.devices.bind('one', 'file-server-1', 'Linux');
		const parameters = {
			resource: 'device',
			operation: 'unbind',
			deviceId: byId('={{ $json.id }}'),
		};
		const items = [{ id: '77' }, { id: deviceId }];
		const { items: outputs } = await drive.runRecord(parameters, items, continueOnFail);
		expect(outputs('KooDrive')).toMatchObject([
			{ json: { details: { deviceId: '77', code: 13000309 } }, pairedItem: { item: 0 } },
			{ json: { deviceId }, pairedItem: { item: 1 } },
		]);
	});
});

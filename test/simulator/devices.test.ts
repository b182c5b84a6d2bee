import { KooDriveSimulator } from './';
import { send } from './client';

let simulator: KooDriveSimulator;
beforeEach(async () => {
	simulator = await new KooDriveSimulator().start();
});
afterEach(async () => await simulator.stop());

const DEVICES = '/koodrive/ose/v1/backup/device';
const n8n = { machineCode: 'n8n_1', deviceName: 'n8n main-1', deviceOS: 'Linux 6' };

async function bind(device: object) {
	return await send<{ data: { deviceId: string } }>(simulator, 'POST', DEVICES, { body: device });
}

test('binds a device, lists it and unbinds it', async () => {
	const { body } = await bind(n8n);
	expect(body).toEqual({
		data: {
			...n8n,
			deviceId: expect.any(String) as string,
			createTime: expect.any(String) as string,
		},
		code: 0,
		msg: 'success',
	});
	expect((await send(simulator, 'GET', DEVICES)).body).toEqual({ ...body, data: [body.data] });
	const path = `${DEVICES}/${body.data.deviceId}`;
	expect((await send(simulator, 'DELETE', path)).body).toEqual(body);
	expect((await send(simulator, 'GET', DEVICES)).body).toMatchObject({ data: [] });
	expect(await send(simulator, 'DELETE', path)).toMatchObject({
		status: 400,
		body: { code: 13000309 },
	});
});

test('binds the same machine code only once', async () => {
	const first = await bind(n8n);
	const second = await bind({ ...n8n, deviceName: 'another name' });
	expect(second.body).toEqual(first.body);
	expect((await bind({ ...n8n, machineCode: 'n8n_2' })).body).not.toEqual(first.body);
});

test.each([
	['no machine code', { machineCode: undefined }],
	['a machine code with a hyphen', { machineCode: 'n8n-1' }],
	['a machine code of 65 characters', { machineCode: 'a'.repeat(65) }],
	['an empty device name', { deviceName: '' }],
	['a device name with a period', { deviceName: 'n8n.example' }],
	['a device name of 33 characters', { deviceName: 'a'.repeat(33) }],
	['an operating system with a hyphen', { deviceOS: 'Linux-6' }],
	['an operating system that is a number', { deviceOS: 6 }],
])('rejects a device with %s', async (_what, fields) => {
	expect(await bind({ ...n8n, ...fields })).toMatchObject({
		status: 400,
		body: { code: 13000102 },
	});
	expect(simulator.devices.devices.size).toBe(0);
});

test('says which container a user has', async () => {
	const space = '/koodrive/ose/v1/space';
	const own = `${space}/${simulator.account.userId}`;
	expect((await send(simulator, 'GET', `${own}?type=1`)).body).toEqual({
		data: { containerId: simulator.containerId },
		code: 0,
		msg: 'success',
	});
	expect((await send(simulator, 'GET', own)).body).toMatchObject({ code: 13000102 });
	expect((await send(simulator, 'GET', `${space}/1?type=1`)).body).toMatchObject({
		code: 13000410,
	});
});

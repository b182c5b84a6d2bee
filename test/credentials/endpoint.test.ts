import { parseEndpoint } from '../../dist/credentials/wire/endpoint';

test.each([
	['https://intl.myhuaweicloud-koodrive.com', 'https://intl.myhuaweicloud-koodrive.com'],
	[' https://cn.myhuaweicloud-koodrive.com/ \n', 'https://cn.myhuaweicloud-koodrive.com'],
	['HTTPS://Drive.Carrier.Example:8443', 'https://drive.carrier.example:8443'],
	['https://carrier.example/koodrive//', 'https://carrier.example/koodrive'],
	['http://localhost:8080', 'http://localhost:8080'],
	['http://127.0.0.1', 'http://127.0.0.1'],
	['http://127.9.9.9:1', 'http://127.9.9.9:1'],
	['http://127.10.200.30', 'http://127.10.200.30'],
	['http://[::1]:80/', 'http://[::1]'],
])('takes %j for %j', (entered, endpoint) => {
	expect(parseEndpoint(entered)).toBe(endpoint);
});

test.each([
	undefined,
	null,
	'',
	'  ',
	'intl.myhuaweicloud-koodrive.com',
	'https://',
	'https:intl.myhuaweicloud-koodrive.com',
	'ftp://koodrive.example',
	'http://koodrive.example',
	'http://192.168.0.1',
	'http://localhost.koodrive.example',
	'http://notlocalhost',
	'ftp://localhost/http://',
	'http://127.0.0.1.koodrive.example',
	'https://user@koodrive.example',
	'https://:secret@koodrive.example',
	'https://koodrive.example?',
	'https://koodrive.example?a=b',
	'https://koodrive.example#a',
])('refuses %j and says where to correct it', (entered) => {
	expect(() => parseEndpoint(entered)).toThrow(/^The Endpoint .* Open the KooDrive API credential/);
});

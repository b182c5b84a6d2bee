import type { IAuthenticate, ICredentialType, Icon, INodeProperties } from 'n8n-workflow';

import { authenticateRequest } from './authentication/authorization';
import { tokenFormatField } from './authentication/tokenFormat';

export class KooDriveApi implements ICredentialType {
	name = 'kooDriveApi';

	displayName = 'KooDrive API';

	icon: Icon = {
		light: 'file:../icons/koodrive.svg',
		dark: 'file:../icons/koodrive.dark.svg',
	};

	documentationUrl = 'https://github.com/n8n-nodes-koodrive/n8n-nodes-koodrive#credentials';

	properties: INodeProperties[] = [
		{
			displayName: 'Endpoint',
			name: 'endpoint',
			type: 'string',
			required: true,
			default: 'https://intl.myhuaweicloud-koodrive.com',
			placeholder: 'e.g. https://intl.myhuaweicloud-koodrive.com',
			description:
				"The address of KooDrive's API. International: https://intl.myhuaweicloud-koodrive.com. China: https://cn.myhuaweicloud-koodrive.com. For a carrier's KooDrive, ask your KooDrive administrator.",
		},
		{
			displayName: 'Authentication',
			name: 'authentication',
			type: 'options',
			options: [
				{
					name: 'Access Token',
					value: 'accessToken',
					description: 'Quick to set up, but expires after 20 minutes of inactivity',
				},
				{
					name: 'App Authentication',
					value: 'app',
					description: 'Signs each request with an app secret, which does not expire',
				},
			],
			default: 'accessToken',
			description:
				"Use App Authentication for unattended workflows, because it doesn't expire. Use Access Token for testing.",
		},
		{
			displayName: 'Access Token',
			name: 'accessToken',
			type: 'string',
			typeOptions: { password: true },
			required: true,
			default: '',
			placeholder: 'e.g. 60f4ccc7b1c24e8e',
			description:
				'The value of the Authorization cookie of the KooDrive web page, or a token from your KooDrive administrator. Quotes, percent-encoding, other cookies, and a leading "Bearer" are removed, unless Token Format is As Entered.',
			displayOptions: { show: { authentication: ['accessToken'] } },
		},
		tokenFormatField,
		{
			displayName: 'App ID',
			name: 'appId',
			type: 'string',
			required: true,
			default: '',
			placeholder: 'e.g. 1505084218764547201',
			description: 'The AppId from your KooDrive administrator',
			displayOptions: { show: { authentication: ['app'] } },
		},
		{
			displayName: 'App Secret',
			name: 'appSecret',
			type: 'string',
			typeOptions: { password: true },
			required: true,
			default: '',
			placeholder: 'e.g. 9f86d081884c7d65',
			description: 'The AppSecret of the App ID. It signs requests and is never sent.',
			displayOptions: { show: { authentication: ['app'] } },
		},
		{
			displayName: 'User ID',
			name: 'userId',
			type: 'string',
			required: true,
			default: '',
			placeholder: 'e.g. 1505084218764547200',
			description: 'Your numeric user ID on KooDrive. Ask your KooDrive administrator.',
		},
	];

	authenticate: IAuthenticate = async (credential, requestOptions) =>
		authenticateRequest(credential, requestOptions, Date.now());
}

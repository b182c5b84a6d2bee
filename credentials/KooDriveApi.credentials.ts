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

	documentationUrl =
		'https://github.com/n8n-nodes-koodrive/n8n-nodes-koodrive#the-koodrive-api-credential';

	properties: INodeProperties[] = [
		{
			displayName: 'Endpoint',
			name: 'endpoint',
			type: 'string',
			required: true,
			default: 'https://intl.myhuaweicloud-koodrive.com',
			description:
				'Where KooDrive is reached. International: https://intl.myhuaweicloud-koodrive.com. China: https://cn.myhuaweicloud-koodrive.com. A carrier has an endpoint of its own: ask its administrator.',
		},
		{
			displayName: 'Authentication',
			name: 'authentication',
			type: 'options',
			options: [
				{
					name: 'Access Token',
					value: 'accessToken',
					description: 'Quick to set up, but the token dies after 20 minutes without a call',
				},
				{
					name: 'App Authentication',
					value: 'app',
					description: 'Signs each request. Best for workflows that run unattended.',
				},
			],
			default: 'accessToken',
			description:
				'Access Token suits a first try and workflows that call KooDrive at least every 10 minutes and are watched: the token dies after 20 minutes without a call. For a workflow that runs at night with nobody watching, take App Authentication: it does not expire.',
		},
		{
			displayName: 'Access Token',
			name: 'accessToken',
			type: 'string',
			typeOptions: { password: true },
			default: '',
			description:
				'The Authorization cookie of the KooDrive web page, or the token that your administrator gave you. A leading "Bearer" is taken off by itself.',
			displayOptions: { show: { authentication: ['accessToken'] } },
		},
		tokenFormatField,
		{
			displayName: 'App ID',
			name: 'appId',
			type: 'string',
			default: '',
			description: 'The AppId that the administrator of your KooDrive shows you',
			displayOptions: { show: { authentication: ['app'] } },
		},
		{
			displayName: 'App Secret',
			name: 'appSecret',
			type: 'string',
			typeOptions: { password: true },
			default: '',
			description:
				'The AppSecret that belongs to the App ID. It signs the requests and is never sent.',
			displayOptions: { show: { authentication: ['app'] } },
		},
		{
			displayName: 'User ID',
			name: 'userId',
			type: 'string',
			required: true,
			default: '',
			placeholder: '1505084218764547200',
			description: 'Your ID on KooDrive, a long number',
		},
	];

	authenticate: IAuthenticate = async (credential, requestOptions) =>
		authenticateRequest(credential, requestOptions, Date.now());
}

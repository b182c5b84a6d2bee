import { Credentials } from 'n8n-core';
import type {
	ICredentialDataDecryptedObject,
	ICredentials,
	ICredentialsExpressionResolveValues,
	ICredentialType,
	IExecuteData,
	IHttpRequestOptions,
	INodeCredentialsDetails,
	INodeParameters,
	INodeProperties,
	IWorkflowExecuteAdditionalData,
	WorkflowExecuteMode,
} from 'n8n-workflow';
import { ICredentialsHelper } from 'n8n-workflow';

/**
 * Stores credentials as n8n does, encrypted with n8n-core's own cipher, and authenticates requests with the
 * credential classes of the package.
 */
export class StoredCredentials extends ICredentialsHelper {
	private readonly stored = new Map<string, Credentials>();

	/** How often a credential was decrypted. Each time costs n8n a database query. */
	decryptions = 0;

	constructor(private readonly types: ReadonlyMap<string, ICredentialType>) {
		super();
	}

	/** Encrypts a credential, with the type's defaults for the fields that are missing. */
	async store(id: string, type: string, data: ICredentialDataDecryptedObject): Promise<void> {
		const defaults = this.getCredentialsProperties(type).map((field) => [
			field.name,
			field.default,
		]);
		const credential = new Credentials({ id, name: id }, type);
		await credential.setData({ ...Object.fromEntries(defaults), ...data });
		this.stored.set(id, credential);
	}

	async getCredentials({ id }: INodeCredentialsDetails): Promise<ICredentials> {
		const credential = this.stored.get(id ?? '');
		if (credential === undefined) throw new Error(`no credential ${id}`);
		return credential as unknown as ICredentials;
	}

	/** Resolves expressions in the credential for an item, as n8n does. */
	async getDecrypted(
		_additionalData: IWorkflowExecuteAdditionalData,
		details: INodeCredentialsDetails,
		_type: string,
		mode: WorkflowExecuteMode,
		executeData?: IExecuteData,
		_raw?: boolean,
		values?: ICredentialsExpressionResolveValues,
	): Promise<ICredentialDataDecryptedObject> {
		this.decryptions++;
		const data = await (await this.getCredentials(details)).getData();
		if (values === undefined) return data;
		const { workflow, runExecutionData, runIndex, itemIndex, node, connectionInputData } = values;
		return workflow.expression.getParameterValue(
			data as INodeParameters,
			runExecutionData,
			runIndex,
			itemIndex,
			node.name,
			connectionInputData,
			mode,
			{},
			executeData,
			false,
			data,
		) as ICredentialDataDecryptedObject;
	}

	async authenticate(
		credential: ICredentialDataDecryptedObject,
		type: string,
		options: IHttpRequestOptions,
	): Promise<IHttpRequestOptions> {
		const { authenticate } = this.typeOf(type);
		if (typeof authenticate !== 'function') throw new Error(`${type} has no authenticate function`);
		return await authenticate(credential, options);
	}

	getCredentialsProperties(type: string): INodeProperties[] {
		return this.typeOf(type).properties;
	}

	getParentTypes(): string[] {
		return [];
	}

	isCredentialUsableByNode(): boolean {
		return true;
	}

	async preAuthentication(): Promise<undefined> {
		return undefined;
	}

	async runPreAuthentication(): Promise<undefined> {
		return undefined;
	}

	async updateCredentials(): Promise<void> {
		throw new Error('nothing here updates credentials');
	}

	async updateCredentialsOauthTokenData(): Promise<void> {
		throw new Error('nothing here updates credentials');
	}

	private typeOf(name: string): ICredentialType {
		const type = this.types.get(name);
		if (type === undefined) throw new Error(`no credential type ${name}`);
		return type;
	}
}

import { Credentials } from 'n8n-core';
import type {
	ICredentialDataDecryptedObject,
	ICredentials,
	ICredentialType,
	IHttpRequestOptions,
	INodeCredentialsDetails,
	INodeProperties,
	IWorkflowExecuteAdditionalData,
} from 'n8n-workflow';
import { ICredentialsHelper } from 'n8n-workflow';

/**
 * Keeps credentials as n8n does, encrypted with n8n-core's own cipher, and authenticates requests with the
 * credential classes that the package brought.
 */
export class StoredCredentials extends ICredentialsHelper {
	private readonly stored = new Map<string, Credentials>();

	/** How often a credential was decrypted, which costs n8n a query of its database. */
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

	async getDecrypted(
		_additionalData: IWorkflowExecuteAdditionalData,
		details: INodeCredentialsDetails,
	): Promise<ICredentialDataDecryptedObject> {
		this.decryptions++;
		return await (await this.getCredentials(details)).getData();
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

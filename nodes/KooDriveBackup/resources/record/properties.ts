import { propertiesField } from '../../../shared/execution/commonFields';
import { collectionField } from '../../../shared/execution/fields';

/** The Additional Fields of the operations that write a record. */
export const additionalFields = collectionField(
	{ displayName: 'Additional Fields', name: 'additionalFields', placeholder: 'Add Field' },
	{ properties: propertiesField },
);

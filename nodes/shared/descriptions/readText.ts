export { readText } from '../../../credentials/wire/readText';

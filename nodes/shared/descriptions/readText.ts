export { readText } from '../../../credentials/input';

import { testOutages, testUnavailableService } from './outageCases';

describe('with 5,000 locks', () => testOutages(5_000));
describe('with 10,000 locks', () => testUnavailableService(10_000, 10));

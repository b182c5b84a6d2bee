import { testOutages } from './outageCases';

testOutages(60);

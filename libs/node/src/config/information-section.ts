/** Who runs the servers: what their pages say about them (SMP §9.2 INFORMATION, XFTP §7.2 INFORMATION). */
import { optionalText, section, type ValuesOf } from '@polyplex/config';
import type { Rule } from './rules.ts';

const link = (text: string): boolean => /^https:\/\/\S+$/.test(text);
const simplexLink = (text: string): boolean => /^(https|simplex):\S+$/.test(text);
const country = (text: string): boolean => /^[A-Za-z]{2}$/.test(text);
const email = (text: string): boolean => /^[^\s@<>"]+@[^\s@<>"]+$/.test(text);

const LINK = 'a link beginning with https://';
const SIMPLEX = 'a SimpleX address (https: or simplex:)';
const COUNTRY = 'a country code of two letters';
const EMAIL = 'an email address';

export const information = section('What the information pages say about the servers and who runs them.', {
  sourceCode: optionalText({ matches: link, allowed: LINK, describe: 'Where the source code of these servers is. The licence asks those who change it to publish it.' }),
  usageConditions: optionalText({ matches: link, allowed: LINK, describe: 'Conditions of use.' }),
  conditionAmendments: optionalText({ matches: link, allowed: LINK, describe: 'Amendments to the conditions.' }),
  serverCountry: optionalText({ matches: country, allowed: COUNTRY, describe: 'Where the machine stands.' }),
  operator: optionalText({ describe: 'Who runs the servers.' }),
  operatorCountry: optionalText({ matches: country, allowed: COUNTRY, describe: 'Where the operator is established.' }),
  website: optionalText({ matches: link, allowed: LINK, describe: 'The operator\'s website.' }),
  adminSimplex: optionalText({ matches: simplexLink, allowed: SIMPLEX, describe: 'The administrator on SimpleX.' }),
  adminEmail: optionalText({ matches: email, allowed: EMAIL, describe: 'The administrator\'s email.' }),
  adminPgp: optionalText({ matches: link, allowed: LINK, describe: 'The administrator\'s PGP key.' }),
  adminPgpFingerprint: optionalText({ describe: 'Fingerprint of that key.' }),
  complaintsSimplex: optionalText({ matches: simplexLink, allowed: SIMPLEX, describe: 'Where to complain, on SimpleX.' }),
  complaintsEmail: optionalText({ matches: email, allowed: EMAIL, describe: 'Where to complain, by email.' }),
  complaintsPgp: optionalText({ matches: link, allowed: LINK, describe: 'PGP key for complaints.' }),
  complaintsPgpFingerprint: optionalText({ describe: 'Fingerprint of that key.' }),
  hosting: optionalText({ describe: 'The hosting provider.' }),
  hostingCountry: optionalText({ matches: country, allowed: COUNTRY, describe: 'The provider\'s country.' }),
  hostingType: optionalText({ matches: (kind) => ['virtual', 'dedicated', 'colocation', 'owned'].includes(kind), allowed: '`virtual`, `dedicated`, `colocation` or `owned`', describe: 'Kind of machine.' }),
});

export type OperatorInformation = ValuesOf<{ information: typeof information }>['information'];

/** The licence's demand comes first. */
export const informationRule: Rule<{ readonly information: OperatorInformation }> = {
  broken: (config) => config.information.sourceCode === null && Object.values(config.information).some((value) => value !== null),
  setting: 'information.sourceCode', message: 'is required when anything else of this section is given',
};

import test from 'ava';
import { CATALOGUE_VERSION, TECHNIQUE_IDS } from '../../modules/incident/attack-techniques.js';

/**
 * Ids that ATT&CK for ICS no longer uses: revoked by a sub-technique in v19 (T0803, T0855, T0856), or deprecated or
 * revoked in earlier versions.
 */
const REVOKED = [
  ...['T0803', 'T0855', 'T0856'],
  ...['T0808', 'T0810', 'T0818', 'T0824', 'T0825', 'T0833', 'T0841', 'T0844', 'T0850', 'T0854', 'T0870', 'T0875'],
];

test('no revoked technique id is told, and each id has the form of the catalogue', (t) => {
  t.is(CATALOGUE_VERSION, 19);
  for (const id of TECHNIQUE_IDS) {
    t.false(REVOKED.includes(id), id);
    t.regex(id, /^T(0\d{3}|1\d{3}(\.\d{3})?)$/);
  }
  t.is(new Set(TECHNIQUE_IDS).size, TECHNIQUE_IDS.length);
});

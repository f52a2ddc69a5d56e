/** The bus that the witness reports on, as far as a scenario lays its hands on it. */
export class WitnessBus {
  /** Somebody holds it and lets nobody else speak. */
  isJabbered = false;
}

/** The people at the plant, as far as the witness hears of them. Whoever runs the witness connects the listeners. */
export class Operator {
  /** Maintenance is announced to the witness, for so many seconds from now. */
  onMaintenance: ((durationS: number) => void) | null = null;

  announceMaintenance(durationS: number): void {
    this.onMaintenance?.(durationS);
  }
}

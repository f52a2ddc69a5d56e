/** The people at the plant, as far as the witness hears of them. Whoever runs the witness connects the listeners. */
export class Operator {
  /** Maintenance is announced to the witness, for so many seconds from now. */
  onMaintenance: ((durationS: number) => void) | null = null;

  /** Wherever the witness has its wall clock from now goes wrong by so many seconds. */
  onWallClockStep: ((stepS: number) => void) | null = null;

  stepWallClock(stepS: number): void {
    this.onWallClockStep?.(stepS);
  }

  announceMaintenance(durationS: number): void {
    this.onMaintenance?.(durationS);
  }
}

/**
 * A motorised control valve with equal-percentage characteristic: its motor runs at one speed once the command is more
 * than a deadband away, until the position is reached. Flow share k = R^(position - 1), closed below 1 %.
 */
const SECONDS_PER_STROKE = 90;
const DEADBAND = 0.006;
const RANGEABILITY = 30;
const CLOSED_BELOW = 0.01;

export class ControlValve {
  /** 0 closed to 1 open. */
  position: number;
  /** Share of the full flow that it lets through. */
  flowShare = 0;
  private isMoving = false;

  constructor(position: number) {
    this.position = position;
  }

  /** `seconds` on under a command of 0 to 1. */
  step(command: number, seconds: number): void {
    const away = command - this.position;
    const stroke = seconds / SECONDS_PER_STROKE;
    if (!this.isMoving && Math.abs(away) > DEADBAND) this.isMoving = true;
    if (this.isMoving) {
      this.isMoving = Math.abs(away) > stroke;
      this.position += this.isMoving ? Math.sign(away) * stroke : away;
    }
    this.flowShare = this.position < CLOSED_BELOW ? 0 : RANGEABILITY ** (this.position - 1);
  }
}

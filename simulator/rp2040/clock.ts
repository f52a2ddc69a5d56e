/**
 * Emulated time: alarms in order, and the CPU's cycle counter between them.
 *
 * Time is a count of clk_sys cycles turned into nanoseconds, so that running an instruction costs one addition. An alarm
 * due while an instruction runs fires after it, but sees its own time.
 */

export class Alarm {
  /** In nanoseconds; meaningless while not scheduled. */
  atNs = 0;
  next: Alarm | null = null;
  previous: Alarm | null = null;
  isScheduled = false;
  readonly callback: () => void;
  private readonly clock: VirtualClock;

  constructor(clock: VirtualClock, callback: () => void) {
    this.clock = clock;
    this.callback = callback;
  }

  schedule(deltaNs: number): void {
    this.scheduleAt(this.clock.nanos + deltaNs);
  }

  scheduleAt(atNs: number): void {
    if (this.isScheduled) this.clock.remove(this);
    this.atNs = atNs;
    this.clock.insert(this);
  }

  cancel(): void {
    if (this.isScheduled) this.clock.remove(this);
  }
}

export class VirtualClock {
  /** clk_sys cycles since power-on. The CPU adds to it. */
  cycles = 0;
  /** The CPU runs until this many cycles: the next alarm or the end of the run, whichever is first. */
  limitCycles = 0;
  private cycleNs = 8;
  private baseNs = 0;
  private baseCycles = 0;
  /** Time of the alarm that is being served; negative while none is. */
  private servedNs = -1;
  private untilNs = 0;
  private first: Alarm | null = null;

  get nanos(): number {
    return this.servedNs >= 0 ? this.servedNs : this.baseNs + (this.cycles - this.baseCycles) * this.cycleNs;
  }

  get nanosPerCycle(): number {
    return this.cycleNs;
  }

  /** clk_sys changed: what has passed stays, what comes is counted anew. */
  setFrequency(hertz: number): void {
    this.baseNs = this.baseNs + (this.cycles - this.baseCycles) * this.cycleNs;
    this.baseCycles = this.cycles;
    this.cycleNs = 1e9 / hertz;
    this.setLimit();
  }

  createAlarm(callback: () => void): Alarm {
    return new Alarm(this, callback);
  }

  insert(alarm: Alarm): void {
    let before: Alarm | null = null;
    let after = this.first;
    while (after !== null && after.atNs <= alarm.atNs) {
      before = after;
      after = after.next;
    }
    alarm.previous = before;
    alarm.next = after;
    if (after !== null) after.previous = alarm;
    if (before !== null) before.next = alarm;
    else this.first = alarm;
    alarm.isScheduled = true;
    if (before === null) this.setLimit();
  }

  remove(alarm: Alarm): void {
    if (alarm.previous !== null) alarm.previous.next = alarm.next;
    else this.first = alarm.next;
    if (alarm.next !== null) alarm.next.previous = alarm.previous;
    alarm.previous = null;
    alarm.next = null;
    alarm.isScheduled = false;
  }

  /** No later than this does the CPU hand control back. */
  runUntil(ns: number): void {
    this.untilNs = ns;
    this.setLimit();
  }

  /** Serves every alarm that is due. */
  serveAlarms(): void {
    const nowNs = this.nanos;
    let alarm = this.first;
    while (alarm !== null && alarm.atNs <= nowNs) {
      this.remove(alarm);
      this.servedNs = alarm.atNs;
      alarm.callback();
      alarm = this.first;
    }
    this.servedNs = -1;
    this.setLimit();
  }

  /** Lets time pass with the CPU asleep, to the next alarm or the end of the run. */
  skip(): void {
    this.setLimit();
    if (this.cycles < this.limitCycles) this.cycles = this.limitCycles;
  }

  /** Makes the CPU hand control back after the instruction that is running. */
  interruptRun(): void {
    this.limitCycles = 0;
  }

  private setLimit(): void {
    const ns = this.first !== null && this.first.atNs < this.untilNs ? this.first.atNs : this.untilNs;
    // The small part keeps rounding from asking for one cycle more than the alarm needs.
    this.limitCycles = this.baseCycles + Math.ceil((ns - this.baseNs) / this.cycleNs - 1e-6);
  }
}

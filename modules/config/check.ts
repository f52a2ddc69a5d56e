/** Checks a configuration before anything is built on it: capacities, ranges and references. */
import { createText } from '../cbor/text.js';
import {
  CHANNELS_MAX,
  EVIDENCE_RAW_BLOCK_SAMPLES_MAX,
  EVIDENCE_RAW_SAMPLES_MAX,
  INTERLOCK_OUTPUTS_MAX,
  INTERLOCKS_MAX,
  NAME_BYTES_MAX,
  NEIGHBOURS_MAX,
  ONE_WAY_TIMES_MAX,
  PAIRS_MAX,
} from '../limits.js';
import { type Configuration, CYCLE_AT_GAP, type InterlockConfiguration } from './configuration.js';

/** Null when the configuration can be used; else one line that says what is wrong. @offStep runs once at start. */
export function checkConfiguration(c: Configuration): string | null {
  const channels = c.analog.length + c.digital.length;
  if (channels === 0) return 'configuration: no channel';
  if (channels > CHANNELS_MAX) return `configuration: ${channels} channels, at most ${CHANNELS_MAX}`;
  if (c.pairs.length > PAIRS_MAX) return `configuration: ${c.pairs.length} pairs, at most ${PAIRS_MAX}`;
  for (let i = 0; i < c.analog.length; i++) {
    const a = c.analog[i];
    if (!isName(a.name))
      return `configuration: analog channel ${i} needs a name of 1 to ${NAME_BYTES_MAX} bytes of UTF-8`;
    if (a.kind !== 'direct' && !(a.countsHigh > a.countsLow))
      return `configuration: ${a.name}: countsHigh is not above countsLow`;
    if (a.kind !== 'direct' && a.high === a.low) return `configuration: ${a.name}: high equals low`;
    if (createText(a.unit).length > NAME_BYTES_MAX) return `configuration: ${a.name}: the unit is too long`;
    if (!(a.resolution >= 0)) return `configuration: ${a.name}: resolution is negative`;
  }
  for (let i = 0; i < c.digital.length; i++) {
    if (!isName(c.digital[i].name))
      return `configuration: digital channel ${i} needs a name of 1 to ${NAME_BYTES_MAX} bytes of UTF-8`;
    if (!(c.digital[i].debounceMs >= 0)) return `configuration: ${c.digital[i].name}: debounceMs is negative`;
  }
  const wrong = checkOrders(c);
  if (wrong !== null) return wrong;
  if (c.cycleStart !== null && c.cycleStart !== CYCLE_AT_GAP && !isContact(c, c.cycleStart))
    return 'configuration: cycleStart is no contact';
  if (c.cycleStart !== null && c.analog.length === 0) return 'configuration: cycleStart without an analog channel';
  const isWhole = Number.isInteger;
  if (!isWhole(c.blockSamples) || !isWhole(c.modelBlocks) || !isWhole(c.learnBlocks) || !isWhole(c.neighboursMax))
    return 'configuration: blockSamples, modelBlocks, learnBlocks and neighboursMax must be whole numbers';
  if (!(c.blockUs > 0) || !(c.blockSamples > 0) || !(c.modelBlocks > 0))
    return 'configuration: periods must be above 0';
  if (!(c.learnBlocks >= 8 * c.modelBlocks)) return 'configuration: learning takes at least 8 rows';
  if (!(c.falseAlarmsPerDay > 0)) return 'configuration: falseAlarmsPerDay must be above 0';
  if (!(c.neighboursMax >= 0 && c.neighboursMax <= NEIGHBOURS_MAX))
    return `configuration: neighboursMax is 0 to ${NEIGHBOURS_MAX}`;
  if (!(c.heartbeatMs > 0) || !(c.readingsMs > 0)) return 'configuration: heartbeatMs and readingsMs must be above 0';
  if (!(c.address >= 1 && c.address <= 247)) return 'configuration: address is 1 to 247';
  const times = c.oneWayTimes ?? 0;
  if (!isWhole(times) || !(times >= 0 && times <= ONE_WAY_TIMES_MAX))
    return `configuration: oneWayTimes is 0 to ${ONE_WAY_TIMES_MAX}`;
  return checkRaw(c);
}

/** Samples kept as evidence. @offStep runs once at start. */
function checkRaw(c: Configuration): string | null {
  const before = c.rawBeforeMs ?? 0;
  const after = c.rawAfterMs ?? 0;
  if (!(before >= 0 && after >= 0)) return 'configuration: rawBeforeMs and rawAfterMs must not be negative';
  const samples = ((before + after) * 1000 * c.blockSamples) / c.blockUs;
  if (samples > EVIDENCE_RAW_SAMPLES_MAX)
    return `configuration: rawBeforeMs and rawAfterMs are more than ${EVIDENCE_RAW_SAMPLES_MAX} samples`;
  if (samples > 0 && c.blockSamples > EVIDENCE_RAW_BLOCK_SAMPLES_MAX)
    return `configuration: samples are kept of blocks of at most ${EVIDENCE_RAW_BLOCK_SAMPLES_MAX}`;
  return null;
}

/** Pairs and interlocks. @offStep runs once at start. */
function checkOrders(c: Configuration): string | null {
  for (let i = 0; i < c.pairs.length; i++) {
    const p = c.pairs[i];
    if (p.order === p.execution) return `configuration: pair ${p.name}: order and execution are one line`;
    const isKnown = isContact(c, p.order)
      ? isContact(c, p.execution) || isAnalog(c, p.execution)
      : isAnalog(c, p.order) && isAnalog(c, p.execution);
    if (!isKnown)
      return `configuration: pair ${p.name}: a contact answered by a contact or a loop, or a loop by a loop, is wanted`;
  }
  const interlocks = c.interlocks ?? [];
  if (interlocks.length > INTERLOCKS_MAX)
    return `configuration: ${interlocks.length} interlocks, at most ${INTERLOCKS_MAX}`;
  for (let i = 0; i < interlocks.length; i++) {
    const wrong = checkInterlock(c, interlocks[i]);
    if (wrong !== null) return `configuration: interlock ${interlocks[i].name}: ${wrong}`;
  }
  return null;
}

/** @offStep runs once at start. */
function checkInterlock(c: Configuration, lock: InterlockConfiguration): string | null {
  const { channel, level, above, below, outputs, withinMs } = lock;
  const stated = (level === null ? 0 : 1) + (above === null ? 0 : 1) + (below === null ? 0 : 1);
  if (stated !== 1) return 'one of level, above and below is wanted';
  if (level !== null && !(isContact(c, channel) && isLevel(level))) return 'a level 0 or 1 of a contact is wanted';
  if (level === null && !isAnalog(c, channel)) return 'above and below are of an analog channel';
  if (outputs.length === 0 || outputs.length > INTERLOCK_OUTPUTS_MAX)
    return `1 to ${INTERLOCK_OUTPUTS_MAX} outputs are wanted`;
  for (let i = 0; i < outputs.length; i++)
    if (!isContact(c, outputs[i].channel) || !isLevel(outputs[i].level)) return 'an output is a contact at 0 or 1';
  if (withinMs !== null && !(withinMs > 0)) return 'withinMs must be above 0';
  return null;
}

function isLevel(level: number): boolean {
  return level === 0 || level === 1;
}

function isAnalog(c: Configuration, channel: number): boolean {
  return Number.isInteger(channel) && channel >= 0 && channel < c.analog.length;
}

/** @offStep runs once at start. */
function isName(name: string): boolean {
  return name.length > 0 && createText(name).length <= NAME_BYTES_MAX;
}

function isContact(c: Configuration, channel: number): boolean {
  const i = channel - c.analog.length;
  return i >= 0 && i < c.digital.length && c.digital[i].kind === 'contact';
}

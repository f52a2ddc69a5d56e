/** Every capacity of the firmware, and the relations between them (`checkLimits`). */
import { assert } from './base/assert.js';

/** Tapped lines, analog and digital together. Boards have 16; hosts that replay recordings up to 64. */
export const CHANNELS_MAX = 64;
/** Order/execution pairs. */
export const PAIRS_MAX = 16;
/** Contacts that make a pair's operating mode, and the modes that they make. */
export const PAIR_MODE_CONTACTS_MAX = 2;
export const PAIR_MODES_MAX = 4;
/** Modes of pairs in one model frame; a pair counts one more than it has, for all together. */
export const PAIR_MODES_TOLD_MAX = 7;
/** Pairs that are proposed from learning data, at most. */
export const PAIRS_PROPOSED_MAX = 4;
/** Interlocks, and outputs of one. */
export const INTERLOCKS_MAX = 8;
export const INTERLOCK_OUTPUTS_MAX = 8;
/** Neighbours of a channel in the residual model. */
export const NEIGHBOURS_MAX = 8;
/** Incidents that can be pending or open at a time, beside one for each analog channel. */
export const INCIDENTS_SPARE = 5;
/** Channels named in an incident, most telling first. */
export const INCIDENT_CHANNELS_MAX = 3;
/** Channels that an incident gains from findings folded into it, at most. */
export const INCIDENT_CHANNELS_GAINED_MAX = 5;
/** Findings that begin within this time of each other may be of one event. */
export const INCIDENT_FOLD_US = 60_000_000;
/** A finding waits no longer than this for what explains it. */
export const INCIDENT_HELD_US_MAX = 1_000_000;
/** Anchors of a channel in the replay detector, a power of two. */
export const REPLAY_ANCHORS = 64;
/** Largest moves of a channel that the rate detector learns from. */
export const RATE_MOVES_MAX = 8;
/** Periods of a PLC's scan that can be told, in samples. */
export const SCAN_SAMPLES_MIN = 8;
export const SCAN_SAMPLES_MAX = 64;
/** Cluster maxima kept for the tail of learned scores. */
export const TAIL_CLUSTERS_MAX = 48;
/** The same for scores that are zero nearly always. */
export const EVENT_CLUSTERS_MAX = 16;
/** Bins of time in the envelope of a machine cycle. */
export const PHASE_BINS = 512;
/** Learned machine cycles, or groups of them, whose maxima are kept. */
export const CYCLES_KEPT_MAX = 64;

/** Detectors that work on rows. */
export const ROW_DETECTORS_MAX = 16;
/** Thresholds of a detector that a model frame tells. */
export const TOLD_THRESHOLDS_MAX = 4;
/** Flash for the learned model of a board's 16 channels: two slots of half of it. */
export const MODEL_STORE_BYTES = 65536;

/** Rates at which evidence is kept: level n has a point for every EVIDENCE_LEVEL_BLOCKS^n blocks. */
export const EVIDENCE_LEVELS = 3;
export const EVIDENCE_LEVEL_BLOCKS = 10;
/** Memory of the rings of evidence, and of the slots that hold packed stretches; outside the engine's on boards. */
export const EVIDENCE_RING_BYTES = 18432;
export const EVIDENCE_SLOTS = 8;
/** A packed stretch: what one evidence frame carries. */
export const EVIDENCE_PART_BYTES_MAX = 768;
/** Points of a level, however few the channels. */
export const EVIDENCE_DEPTH_MAX = 256;
/** Memory of the ring of samples, on hosts that have one (not on boards). */
export const EVIDENCE_RAW_RING_BYTES = 262144;
/** Samples of a channel that a configuration can ask for, before and after an onset together: a byte each in a slot. */
export const EVIDENCE_RAW_SAMPLES_MAX = 750;
/** Samples of a block where they are kept: a contact's are the bits of a number of 16, of which one is never set. */
export const EVIDENCE_RAW_BLOCK_SAMPLES_MAX = 15;
/** Incidents whose evidence is gathered at a time. */
export const EVIDENCE_RECORDINGS_MAX = 4;

/** A channel's, unit's or pair's name, in UTF-8. */
export const NAME_BYTES_MAX = 32;
/** Channels in one readings frame. */
export const READINGS_CHANNELS_MAX = 4;

/** Payload of a frame. */
export const PAYLOAD_BYTES_MAX = 896;
/** A signed frame: payload, COSE_Sign1 head and signature. */
export const FRAME_BYTES_MAX = PAYLOAD_BYTES_MAX + 104;
/** Head of a record in the frame log. */
export const RECORD_HEAD_BYTES = 16;
/** Buffer for a record: head, then frame. */
export const RECORD_BYTES_MAX = RECORD_HEAD_BYTES + FRAME_BYTES_MAX;
/** Head of a sector of the frame log. */
export const SECTOR_HEAD_BYTES = 16;
/** Smallest erase size that the frame log accepts. */
export const SECTOR_BYTES_MIN = 4096;

/** Part of a frame in one data message. */
export const FRAGMENT_BYTES_MAX = 1024;
/** A link message: a fragment and its head. */
export const MESSAGE_BYTES_MAX = FRAGMENT_BYTES_MAX + 32;
/** An operator's command: COSE_Sign1. */
export const COMMAND_BYTES_MAX = 304;
/** Part of a configuration in one command, so that the command fits. */
export const CONFIGURATION_PART_BYTES_MAX = 112;
/** Operators whose keys a board knows. */
export const OPERATORS_MAX = 4;
/** Longest validity of a command, and longest maintenance, in milliseconds: a week. */
export const VALIDITY_MS_MAX = 604_800_000;
export const MAINTENANCE_MS_MAX = 604_800_000;
/** What a set-time command's clock may be wrong by. */
export const TIME_UNCERTAINTY_MS_MAX = 3_600_000;
/** After a forged command signatures are looked at so often at most; and how long a verifier may take. */
export const VERIFY_SLICE_US = 3_000_000;
export const VERIFY_US_MAX = 10_000_000;
/** After a command that was refused none is even read for this long, so that a flood of them costs little. */
export const COMMAND_PAUSE_US = 200_000;
/** A command is read in parts, at most one in this time: a block has one of them. */
export const COMMAND_PART_US = 8_000;
/** A message from a collector: a command and its head. */
export const REQUEST_BYTES_MAX = COMMAND_BYTES_MAX + 8;
/** A poll. What is longer and for another board is not looked at. */
export const POLL_BYTES_MAX = 32;
/** Bytes taken from a line or stream at a time. */
export const PIECE_BYTES = 256;
/** Times that a board on a one-way link sends each frame, at most. */
export const ONE_WAY_TIMES_MAX = 16;
/** A packet on RS-485 after COBS, without the final zero: address, message, CRC, stuffing. */
export const PACKET_BYTES_MAX = MESSAGE_BYTES_MAX + 12;

/** The relations. Run once at start. */
export function checkLimits(): void {
  assert(RECORD_HEAD_BYTES + FRAME_BYTES_MAX + SECTOR_HEAD_BYTES <= SECTOR_BYTES_MIN, 'limits: a frame fits a sector');
  assert(FRAME_BYTES_MAX <= FRAGMENT_BYTES_MAX, 'limits: a frame fits one data message');
  assert(MESSAGE_BYTES_MAX + 5 + Math.floor((MESSAGE_BYTES_MAX + 5) / 254) + 1 <= PACKET_BYTES_MAX, 'limits: packet');
  assert(RECORD_BYTES_MAX <= MESSAGE_BYTES_MAX, 'limits: a link reads a record into its message');
  assert(INCIDENT_CHANNELS_MAX <= INCIDENT_CHANNELS_GAINED_MAX, 'limits: what is gained holds what a finding names');
  assert(1 + PAIR_MODES_MAX <= PAIR_MODES_TOLD_MAX, 'limits: a model frame tells what a pair learned');
  assert(PAIR_MODES_MAX === 1 << PAIR_MODE_CONTACTS_MAX, 'limits: contacts make modes');
  assert(EVIDENCE_RAW_SAMPLES_MAX < EVIDENCE_PART_BYTES_MAX, 'limits: a slot holds samples of a byte each');
  assert((REPLAY_ANCHORS & (REPLAY_ANCHORS - 1)) === 0, 'limits: replay anchors are a power of two');
}

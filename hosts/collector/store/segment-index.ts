/**
 * The index of a segment: one record of 44 bytes per frame, in the order in which the frames stand in the segment. It is
 * only a shortcut: whatever is wrong with it, it is made again from the frames. A record: CRC-32C over the rest (4),
 * offset (4), length (2), kind (1), 0 (1), sequence (double, 8), received at in ms since 1970, 0 when not known
 * (double, 8), digest (16); numbers little-endian.
 */
import { crc32c } from '../../../modules/base/crc32c.js';

export const INDEX_RECORD_BYTES = 44;
const CRC_BYTES = 4;
const DIGEST_AT = 28;

export interface IndexRecord {
  readonly sequence: number;
  readonly offset: number;
  readonly length: number;
  readonly kind: number;
  /** When the collector received the frame, by its own clock; 0 when that is not known: the index was rebuilt. */
  readonly receivedMs: number;
  /** Hexadecimal, as of `Frame`. */
  readonly digest: string;
}

export function encodeRecord(record: IndexRecord): Uint8Array {
  const bytes = Buffer.alloc(INDEX_RECORD_BYTES);
  bytes.writeUInt32LE(record.offset, 4);
  bytes.writeUInt16LE(record.length, 8);
  bytes.writeUInt8(Math.min(record.kind, 255), 10);
  bytes.writeDoubleLE(record.sequence, 12);
  bytes.writeDoubleLE(record.receivedMs, 20);
  bytes.write(record.digest, DIGEST_AT, 'hex');
  bytes.writeUInt32LE(crc32c(bytes, CRC_BYTES, INDEX_RECORD_BYTES), 0);
  return bytes;
}

/** Records up to the first that is damaged, cut, or does not fit a segment of `segmentBytes`. */
export function decodeRecords(bytes: Buffer, segmentBytes: number): IndexRecord[] {
  const records: IndexRecord[] = [];
  let end = 0;
  for (let at = 0; at + INDEX_RECORD_BYTES <= bytes.length; at += INDEX_RECORD_BYTES) {
    if (bytes.readUInt32LE(at) !== crc32c(bytes, at + CRC_BYTES, at + INDEX_RECORD_BYTES)) break;
    const [offset, length] = [bytes.readUInt32LE(at + 4), bytes.readUInt16LE(at + 8)];
    if (offset < end || offset + length > segmentBytes) break;
    end = offset + length;
    records.push({
      offset,
      length,
      kind: bytes.readUInt8(at + 10),
      sequence: bytes.readDoubleLE(at + 12),
      receivedMs: bytes.readDoubleLE(at + 20),
      digest: bytes.toString('hex', at + DIGEST_AT, at + INDEX_RECORD_BYTES),
    });
  }
  return records;
}

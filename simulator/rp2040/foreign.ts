/** Types of rp2040js that its index does not name. */
import type { RP2040 } from 'rp2040js';

export type RPSIO = RP2040['sio'];

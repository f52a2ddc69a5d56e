/** A partition is a flash of its own, and touches nothing beside it. */
import test from 'ava';
import { FlashPartition } from '../../hosts/keys/flash-partition.js';
import { SimulatedFlash, SMALL_FLASH } from '../../simulator/flash.js';

test('a partition erases, writes and reads its own sectors and no others', (t) => {
  const flash = new SimulatedFlash(SMALL_FLASH, 1);
  flash.cells.fill(0x5a);
  const part = new FlashPartition(flash, 8192, 8192);
  t.is(part.size, 8192);
  t.is(part.eraseBytes, 4096);
  part.erase(4096);
  part.write(4100, Uint8Array.of(1, 2, 3), 3);
  const bytes = new Uint8Array(4);
  part.read(4099, bytes, 4);
  t.deepEqual([...bytes], [255, 1, 2, 3]);
  t.true(flash.cells.subarray(0, 12288).every((cell) => cell === 0x5a));
  t.true(flash.cells.subarray(16384).every((cell) => cell === 0x5a));
});

test('an access that begins or ends outside the partition is refused', (t) => {
  const part = new FlashPartition(new SimulatedFlash(SMALL_FLASH, 1), 4096, 8192);
  const bytes = new Uint8Array(8);
  t.throws(() => part.erase(8192), { message: /goes beyond/ });
  t.throws(() => part.erase(-4096), { message: /goes beyond/ });
  t.throws(() => part.read(8190, bytes, 3), { message: /goes beyond/ });
  t.throws(() => part.write(-1, bytes, 1), { message: /goes beyond/ });
  t.notThrows(() => part.read(8184, bytes, 8));
});

test('a partition is whole sectors inside its flash', (t) => {
  const flash = new SimulatedFlash(SMALL_FLASH, 1);
  t.throws(() => new FlashPartition(flash, 100, 4096), { message: /whole sectors/ });
  t.throws(() => new FlashPartition(flash, 4096, 5000), { message: /whole sectors/ });
  t.throws(() => new FlashPartition(flash, 4096, 65536), { message: /outside/ });
  t.throws(() => new FlashPartition(flash, 4096, 0), { message: /outside/ });
});

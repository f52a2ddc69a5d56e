import test from 'ava';
import type { Signer } from '../../modules/board.js';
import { KIND_BOOT, KIND_HEARTBEAT, KIND_LOSS, KIND_MODEL, LOSS_FRAMES } from '../../modules/frame/kinds.js';
import { SIGNER_DONE, SIGNER_FAILED } from '../../modules/sign/signer-state.js';
import { sampleConfiguration } from './sample-configuration.js';
import { Witness } from './witness.js';

/** Signatures with these numbers (counted from 0) fail. */
function failing(numbers: readonly number[]): (signer: Signer) => Signer {
  let number = 0;
  return (signer) => ({
    ...signer,
    poll: (signature) => {
      const state = signer.poll(signature);
      if (state !== SIGNER_DONE) return state;
      return numbers.includes(number++) ? SIGNER_FAILED : SIGNER_DONE;
    },
  });
}

function run(witness: Witness, blocks: number): void {
  for (let i = 0; i < blocks; i++) witness.takeValues([i % 7, i % 5]);
}

test('a signature that fails up to three times is made again: nothing is lost', (t) => {
  const witness = new Witness(sampleConfiguration(), { signerOver: failing([0, 1, 2]) });
  run(witness, 1200);
  const frames = witness.frames();
  t.deepEqual(
    frames.map(({ kind }) => kind),
    [KIND_BOOT, KIND_HEARTBEAT],
  );
  t.is(witness.sensor.reporter.framesLost, 0);
});

test('a frame whose signature fails four times is given up, counted, and told in a loss frame', (t) => {
  const witness = new Witness(sampleConfiguration(), { signerOver: failing([1, 2, 3, 4]) });
  run(witness, 2200);
  const frames = witness.frames();
  t.deepEqual(
    frames.map(({ kind }) => kind),
    [KIND_BOOT, KIND_LOSS, KIND_HEARTBEAT],
  );
  t.deepEqual(
    frames.map(({ sequence }) => sequence),
    [1, 2, 3],
    'the number of a frame never signed is not used up',
  );
  t.is(frames[1].body.get(1), LOSS_FRAMES);
  t.is(frames[1].body.get(2), 1);
  t.is(frames[2].body.get(5), 1, 'frames lost since boot');
  t.deepEqual(Buffer.from(frames[1].previous!), Buffer.from(frames[0].digest));
});

test('after a frame given up the next one has its three retries again', (t) => {
  const witness = new Witness(sampleConfiguration(), { signerOver: failing([1, 2, 3, 4, 5, 6, 7]) });
  run(witness, 2200);
  t.is(witness.sensor.reporter.framesLost, 1);
  t.deepEqual(
    witness.frames().map(({ kind }) => kind),
    [KIND_BOOT, KIND_LOSS, KIND_HEARTBEAT],
  );
});

test('while the signer will not start nothing is lost; frames follow when it does', (t) => {
  let isReady = false;
  const witness = new Witness(sampleConfiguration(), {
    signerOver: (signer) => ({ ...signer, start: (bytes, length) => isReady && signer.start(bytes, length) }),
  });
  run(witness, 3500);
  t.is(witness.frames().length, 0);
  isReady = true;
  run(witness, 700);
  t.deepEqual(
    witness.frames().map(({ kind }) => kind),
    [KIND_BOOT, KIND_HEARTBEAT, KIND_HEARTBEAT, KIND_MODEL],
    'one heartbeat for those that were due, then on the grid again; and learning is over',
  );
  t.is(witness.sensor.reporter.framesLost, 0);
});

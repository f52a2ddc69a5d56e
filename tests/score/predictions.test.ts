import test from 'ava';
import type { Recording } from '../../hosts/bench/recording.js';
import { episodes, formatPredictions, parsePredictions, predictionsOf } from './predictions.js';

test('predictions read back as they were written', (t) => {
  const watch = [
    { series: 'a', from: 7, time: new Float64Array(2) },
    { series: 'b', from: 0, time: new Float64Array(1) },
  ];
  const predictions = predictionsOf(watch as unknown as Recording[], [0.5, 1.25, 1]);
  t.deepEqual(predictions, {
    series: ['a', 'a', 'b'],
    row: [7, 8, 0],
    alarm: [0, 1, 0],
    score: [0.5, 1.25, 1],
  });
  const text = formatPredictions([predictions]);
  t.is(text, 'series,i,alarm,score\na,7,0,0.5\na,8,1,1.25\nb,0,0,1\n');
  t.deepEqual(parsePredictions(text), predictions);
});

test('alarms that are 20 rows apart are one episode, further apart two', (t) => {
  const alarm = new Array<number>(60).fill(0);
  t.deepEqual(episodes(alarm), []);
  for (const row of [3, 4, 24, 45]) alarm[row] = 1;
  t.deepEqual(episodes(alarm), [
    [3, 24],
    [45, 45],
  ]);
});

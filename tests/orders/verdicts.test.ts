/** Verdicts on 10,000 random orders of each kind of pair (order-players.ts). */
import test from 'ava';
import { ContactPlayer, FollowPlayer, LevelPlayer, playAll } from './order-players.js';

test('10,000 orders from contact to contact get the verdicts that are true', (t) => {
  playAll(t, 'contact', new ContactPlayer());
});

test('10,000 orders from contact to loop get the verdicts that are true', (t) => {
  playAll(t, 'level', new LevelPlayer());
});

test('10,000 orders from loop to loop get the verdicts that are true', (t) => {
  playAll(t, 'follow', new FollowPlayer());
});

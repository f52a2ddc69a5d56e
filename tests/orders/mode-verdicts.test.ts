/** Verdicts on 10,000 random orders of each kind of pair with two modes that switch (order-players.ts). */
import test from 'ava';
import { ContactPlayer, FollowPlayer, LevelPlayer, playAll } from './order-players.js';

test('10,000 orders from contact to contact with two modes get the verdicts that are true', (t) => {
  playAll(t, 'contact', new ContactPlayer(true));
});

test('10,000 orders from contact to loop with two modes get the verdicts that are true', (t) => {
  playAll(t, 'level', new LevelPlayer(true));
});

test('10,000 orders from loop to loop with two modes get the verdicts that are true', (t) => {
  playAll(t, 'follow', new FollowPlayer(true));
});

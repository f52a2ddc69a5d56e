export * from './hosts/lin/board.js';

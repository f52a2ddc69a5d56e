// The module 'board' of main.ts, found at the root of the image's modules.
export * from './hosts/pico/board.js';

export * from './hosts/esp32/board.js';

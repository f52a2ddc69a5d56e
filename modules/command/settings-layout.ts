/**
 * Where the settings lie in their flash (`Board.settings`), in sectors: the operators' sequence numbers (two, in
 * turns), the configuration (two, in turns), the operators' public keys (one, written where the board is provisioned).
 */
export const SEQUENCES_SECTOR = 0;
export const CONFIGURATIONS_SECTOR = 2;
export const OPERATORS_SECTOR = 4;
export const SETTINGS_SECTORS = 5;

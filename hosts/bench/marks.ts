/** Marks of a block stream: what the bench's main modules are told of each block. */
export const MARK_LEARN = 0;
export const MARK_WATCH = 1;

/* Lines in and out of the test program; host.c has the functions. */
export function readLine() @ "xs_terminal_readLine";
export function printLine(text) @ "xs_terminal_printLine";

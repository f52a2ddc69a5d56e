// Binds natives.c; the syntax is that of the Moddable SDK's compiler.
export function argument(index) @ "xs_lin_argument";
export function hostName() @ "xs_lin_hostName";
export function imagePath() @ "xs_lin_imagePath";
export function print(line, isError) @ "xs_lin_print";
export function exit(code) @ "xs_lin_exit";
export function nowUs() @ "xs_lin_nowUs";
export function entropy(into) @ "xs_lin_entropy";
export function freeBytes() @ "xs_lin_freeBytes";
export function fileOpen(path, access) @ "xs_lin_fileOpen";
export function fileBytes(file) @ "xs_lin_fileBytes";
export function fileResize(file, bytes) @ "xs_lin_fileResize";
export function fileRead(file, at, into, length) @ "xs_lin_fileRead";
export function fileWrite(file, at, from, length) @ "xs_lin_fileWrite";
export function fileClose(file) @ "xs_lin_fileClose";
export const READ = 0;
export const PRIVATE = 1;
export const REPLACE = 2;

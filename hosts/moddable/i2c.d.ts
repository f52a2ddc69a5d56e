/** The SDK's I2C (ECMA-419 clause 10.4), as hosts/keys/atecc608.ts uses it. */
declare module 'embedded:io/i2c' {
  const I2C: import('../keys/atecc608.js').I2cConstructor;
  export default I2C;
}

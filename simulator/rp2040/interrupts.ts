/** Numbers of the interrupt lines (RP2040 datasheet 2.3.2) and of the DMA requests (2.5.3.1). */

export const IRQ = {
  TIMER_0: 0,
  PWM_WRAP: 4,
  PIO0_0: 7,
  DMA_0: 11,
  IO_BANK0: 13,
  UART0: 20,
  ADC_FIFO: 22,
  I2C0: 23,
} as const;

export const DREQ = {
  PIO0_TX0: 0,
  PIO0_RX0: 4,
  PIO1_TX0: 8,
  PIO1_RX0: 12,
  SPI0_TX: 16,
  UART0_TX: 20,
  UART0_RX: 21,
  PWM_WRAP0: 24,
  ADC: 36,
} as const;

/** Drives an interrupt line. */
export type SetInterrupt = (irq: number, isHigh: boolean) => void;

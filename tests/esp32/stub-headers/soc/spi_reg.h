/* Stub: see README.md. */
#pragma once
#define SPI_CMD_REG(i) (0x3ff62000 + (i) * 0x1000)
#define SPI_SLAVE_REG(i) (SPI_CMD_REG(i) + 0x38)
#define SPI_W0_REG(i) (SPI_CMD_REG(i) + 0x80)
#define SPI_USR (1u << 18)
#define SPI_INT_EN_M (0x1fu << 5)

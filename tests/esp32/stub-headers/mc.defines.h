/* Stub: what mcconfig writes from the manifest's `defines`. */
#pragma once
#define MODDEF_ETHERNET_SPI_PORT (SPI2_HOST)

/* What the SDK's Ethernet module (modules/io/ethernet/esp32) wants from the file that knows the chip. */
#ifndef WIREWITNESS_ESP32_ETHERNET_H
#define WIREWITNESS_ESP32_ETHERNET_H

#include "driver/spi_master.h"
#include "esp_eth.h"

esp_eth_mac_t* mod_ethernet_get_mac(spi_device_interface_config_t device, int interruptPin);
esp_eth_phy_t* mod_ethernet_get_phy(void);

#endif

/*
 * The W5500's driver for the SDK's Ethernet module, which asks for these two functions. The SDK's own file of that purpose is
 * for an ESP-IDF that still had the driver inside; since v6.0 it is the component espressif/w5500.
 */
#include "ethernet.h"
#include "mc.defines.h"
#include "esp_eth_mac_w5500.h"
#include "esp_eth_phy_w5500.h"

/* JavaScript runs at priority 4: what comes in waits for it. */
#define RECEIVE_PRIORITY 2

esp_eth_mac_t* mod_ethernet_get_mac(spi_device_interface_config_t device, int interruptPin) {
	eth_w5500_config_t chip = ETH_W5500_DEFAULT_CONFIG(MODDEF_ETHERNET_SPI_PORT, &device);
	eth_mac_config_t mac = ETH_MAC_DEFAULT_CONFIG();
	chip.int_gpio_num = interruptPin;
	mac.rx_task_prio = RECEIVE_PRIORITY;
	return esp_eth_mac_new_w5500(&chip, &mac);
}

esp_eth_phy_t* mod_ethernet_get_phy(void) {
	eth_phy_config_t phy = ETH_PHY_DEFAULT_CONFIG();
	phy.reset_gpio_num = -1;
	return esp_eth_phy_new_w5500(&phy);
}

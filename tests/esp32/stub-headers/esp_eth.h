/* Stub: see README.md. */
#pragma once
#include <stddef.h>
#include "esp_err.h"
typedef struct esp_eth_mac_s esp_eth_mac_t;
typedef struct esp_eth_phy_s esp_eth_phy_t;
typedef struct {
	uint32_t rx_task_prio;
} eth_mac_config_t;
typedef struct {
	int reset_gpio_num;
} eth_phy_config_t;
#define ETH_MAC_DEFAULT_CONFIG() { .rx_task_prio = 15 }
#define ETH_PHY_DEFAULT_CONFIG() { .reset_gpio_num = 5 }

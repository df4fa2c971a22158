"""Privacy governance for a data warehouse; one module or folder a step of the night."""

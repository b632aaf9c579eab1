"""What a training run costs: counted from the network's shape, priced from what is known about the hardware."""

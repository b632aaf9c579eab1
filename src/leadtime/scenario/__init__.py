"""What happens next under which policy: scenarios, the simulation, its calibration, and how much the rules changed."""

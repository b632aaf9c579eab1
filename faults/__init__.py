"""What breaks a running program, done to it on purpose: kills, full disks, odd clocks, damaged input."""

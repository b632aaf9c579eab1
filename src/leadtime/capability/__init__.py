"""How able is each model: from scores to a latent scale, with intervals."""

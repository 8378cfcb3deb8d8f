"""Writes projection.json: what scikit-learn's exact t-SNE reaches on pass rates of 180 samples.

    pip install -r requirements.txt && python projection.py
"""

import json
import os

import numpy as np
from sklearn.manifold import TSNE, trustworthiness

rng = np.random.default_rng(0)
# Three kinds of samples over six rungs, and a tenth that no rung solves: many equal points.
levels = np.array([[0, 0, 0.1, 0.3, 0.6, 0.9], [0.2, 0.4, 0.6, 0.8, 0.9, 1.0], [0, 0, 0, 0, 0.1, 0.4]])
kinds = np.repeat(np.arange(3), 54)
rates = rng.binomial(20, np.clip(levels[kinds] + rng.normal(0, 0.03, (162, 1)), 0, 1)) / 20
points = np.vstack([rates, np.zeros((18, 6))])
model = TSNE(perplexity=30, init="pca", method="exact", random_state=0)
places = model.fit_transform(points)
golden = {
    "points": points.tolist(),
    "divergence": float(model.kl_divergence_),
    "trustworthiness": float(trustworthiness(points, places, n_neighbors=15)),
}
path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "projection.json")
with open(path, "w") as file:
    json.dump(golden, file)

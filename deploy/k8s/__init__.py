"""What runs Sameroof on Kubernetes: manifests for kustomize, and the dashboard written by `python -m deploy.k8s.generate`."""
